"""数据接口: tokens for programs that ask and file in somebody's hat, and webhooks that tell them what happened."""
