import { App, Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

const app = new App();
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };
const stack = new Stack(app, 'users', { env });
const given = (name: string): string => stack.node.getContext(name);
const vpc = Vpc.fromLookup(stack, 'vpc', { vpcId: given('vpcId') });
const balancer = SecurityGroup.fromSecurityGroupId(stack, 'balancer', given('balancerGroupId'));
const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'listener', {
  listenerArn: given('listenerArn'),
  securityGroup: balancer,
});
const monolith = elbv2.ApplicationTargetGroup.fromTargetGroupAttributes(stack, 'monolith', {
  targetGroupArn: given('monolithArn'),
});
const users = new elbv2.ApplicationTargetGroup(stack, 'users-group', {
  vpc,
  port: 80,
  targetType: elbv2.TargetType.IP,
  healthCheck: { path: '/health' },
});
const attached = new elbv2.ApplicationListenerRule(stack, 'attached', {
  listener,
  priority: 40001,
  conditions: [elbv2.ListenerCondition.hostHeaders(['attached.invalid'])],
  action: elbv2.ListenerAction.forward([users]),
});
const taskDefinition = new FargateTaskDefinition(stack, 'task');
taskDefinition.addContainer('users', {
  image: ContainerImage.fromRegistry(given('image')),
  portMappings: [{ containerPort: 3000 }],
});
const service = new FargateService(stack, 'service', {
  cluster: new Cluster(stack, 'shop', { vpc }),
  taskDefinition,
  circuitBreaker: { rollback: true },
});
service.attachToApplicationTargetGroup(users);
service.connections.allowFrom(balancer, Port.tcp(3000));
service.node.addDependency(attached);
const share = new elbv2.ApplicationListenerRule(stack, 'share', {
  listener,
  priority: 20000,
  conditions: [elbv2.ListenerCondition.pathPatterns(['/api/users', '/api/users/*'])],
  action: elbv2.ListenerAction.weightedForward([
    { targetGroup: users, weight: 25 },
    { targetGroup: monolith, weight: 75 },
  ]),
});
share.node.addDependency(service);
const rest = new elbv2.ApplicationListenerRule(stack, 'rest', {
  listener,
  priority: 29999,
  conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
  action: elbv2.ListenerAction.forward([monolith]),
});
rest.node.addDependency(share);
