"""The version of every server that the bench makes itself."""

GITEA = "1.27.3"
KEYCLOAK = "26.7.3"
MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"
VERSITYGW = "v1.8.0"
PEBBLE = "v2.10.1"
