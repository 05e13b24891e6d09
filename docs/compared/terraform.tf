variable "listener_arn" { type = string }
variable "monolith_arn" { type = string }
variable "users_arn" { type = string }

resource "aws_lb_listener_rule" "users" {
  listener_arn = var.listener_arn
  priority     = 20000
  condition {
    path_pattern { values = ["/api/users", "/api/users/*"] }
  }
  action {
    type = "forward"
    forward {
      target_group {
        arn    = var.users_arn
        weight = 25
      }
      target_group {
        arn    = var.monolith_arn
        weight = 75
      }
    }
  }
}

resource "aws_lb_listener_rule" "default" {
  listener_arn = var.listener_arn
  priority     = 29999
  condition {
    path_pattern { values = ["/*"] }
  }
  action {
    type             = "forward"
    target_group_arn = var.monolith_arn
  }
}
