"""Step 7 of the origin case: what Python says of its own certificate paths."""
import ssl


def handler(event, context):
    return {"version": ssl.OPENSSL_VERSION, "paths": ssl.get_default_verify_paths()._asdict(),
            "anchors": len(ssl.create_default_context().get_ca_certs())}


if __name__ == "__main__":
    print(handler({}, None))
