"""Where entries are: bundled, cached, remote; and what is known of them."""
