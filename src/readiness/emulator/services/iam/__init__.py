"""IAM's operations that moto lacks, and what it leaves out or invents corrected."""
