"""AWS: EC2, EBS, VPC, S3."""
