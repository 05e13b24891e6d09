variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "listener_arn" { type = string }
variable "balancer_group_id" { type = string }
variable "monolith_arn" { type = string }
variable "image" { type = string }

module "cluster" {
  source = "terraform-aws-modules/ecs/aws//modules/cluster"
  name   = "shop"
}

resource "aws_lb_target_group" "users" {
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = 80
  protocol    = "HTTP"
  health_check {
    path = "/health"
  }
}

resource "aws_lb_listener_rule" "attached" {
  listener_arn = var.listener_arn
  priority     = 40001
  condition {
    host_header { values = ["attached.invalid"] }
  }
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.users.arn
  }
}

module "users" {
  source             = "terraform-aws-modules/ecs/aws//modules/service"
  name               = "users"
  cluster_arn        = module.cluster.arn
  cpu                = 256
  memory             = 512
  enable_autoscaling = false
  subnet_ids         = var.subnet_ids
  deployment_circuit_breaker = {
    enable   = true
    rollback = true
  }
  wait_for_steady_state = true
  container_definitions = {
    users = {
      image                  = var.image
      readonlyRootFilesystem = false
      portMappings           = [{ name = "users", containerPort = 3000 }]
    }
  }
  load_balancer = {
    service = {
      target_group_arn = aws_lb_target_group.users.arn
      container_name   = "users"
      container_port   = 3000
    }
  }
  security_group_ingress_rules = {
    balancer = {
      from_port                    = 3000
      ip_protocol                  = "tcp"
      referenced_security_group_id = var.balancer_group_id
    }
  }
  security_group_egress_rules = {
    all = {
      ip_protocol = "-1"
      cidr_ipv4   = "0.0.0.0/0"
    }
  }
  depends_on = [aws_lb_listener_rule.attached]
}

resource "aws_lb_listener_rule" "share" {
  listener_arn = var.listener_arn
  priority     = 20000
  condition {
    path_pattern { values = ["/api/users", "/api/users/*"] }
  }
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.users.arn
        weight = 25
      }
      target_group {
        arn    = var.monolith_arn
        weight = 75
      }
    }
  }
  depends_on = [module.users]
}

resource "aws_lb_listener_rule" "rest" {
  listener_arn = var.listener_arn
  priority     = 29999
  condition {
    path_pattern { values = ["/*"] }
  }
  action {
    type             = "forward"
    target_group_arn = var.monolith_arn
  }
  depends_on = [aws_lb_listener_rule.share]
}
