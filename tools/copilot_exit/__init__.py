"""What a delete of Copilot's stacks would destroy, told before anyone deletes them. Changes nothing on AWS."""
