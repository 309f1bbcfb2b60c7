"""One question to S3; any answer at all is one."""
import sys

import botocore.config
import botocore.exceptions
import botocore.session

client = botocore.session.get_session().create_client("s3", region_name="none", endpoint_url=sys.argv[1].rstrip("/"), aws_access_key_id="none", aws_secret_access_key="none",
                                                      config=botocore.config.Config(retries={"max_attempts": 0}, connect_timeout=8, read_timeout=8))
try:
    client.list_buckets()
except (botocore.exceptions.ClientError, botocore.parsers.ResponseParserError):
    pass
