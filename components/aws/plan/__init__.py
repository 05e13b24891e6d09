"""What is made on AWS, as data: names, ports, rules, definitions, policies. Pure."""
