"""CloudWatch's operations that moto lacks, and what it invents corrected."""
