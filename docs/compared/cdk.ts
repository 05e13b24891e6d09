import { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

const stack = new Stack(new App(), 'facade');
const given = (name: string): string => stack.node.getContext(name);
const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'listener', {
  listenerArn: given('listenerArn'),
  securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'balancer', given('securityGroupId')),
});
const group = (name: string) =>
  elbv2.ApplicationTargetGroup.fromTargetGroupAttributes(stack, name, { targetGroupArn: given(`${name}Arn`) });
const [monolith, users] = [group('monolith'), group('users')];
new elbv2.ApplicationListenerRule(stack, 'users-rule', {
  listener,
  priority: 20000,
  conditions: [elbv2.ListenerCondition.pathPatterns(['/api/users', '/api/users/*'])],
  action: elbv2.ListenerAction.weightedForward([
    { targetGroup: users, weight: 25 },
    { targetGroup: monolith, weight: 75 },
  ]),
});
new elbv2.ApplicationListenerRule(stack, 'default-rule', {
  listener,
  priority: 29999,
  conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
  action: elbv2.ListenerAction.forward([monolith]),
});
