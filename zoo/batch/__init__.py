"""Files of any size: plan, parts, resume, memory."""
