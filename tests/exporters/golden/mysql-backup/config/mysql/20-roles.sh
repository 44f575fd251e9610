#!/bin/bash
# Runs once, when the primary is made.
# The entrypoint lends docker_process_sql to a script that it reads instead of running.
if ! declare -F docker_process_sql >/dev/null; then
  docker_process_sql() {
    MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql --protocol=socket -uroot
  }
fi
docker_process_sql <<SQL
CREATE USER replicator@'%' IDENTIFIED BY '$(cat "$REPLICATION_PASSWORD_FILE")' REQUIRE SSL;
GRANT REPLICATION SLAVE ON *.* TO replicator@'%';
CREATE USER exporter@'%' IDENTIFIED BY '$(cat "$MONITOR_PASSWORD_FILE")' WITH MAX_USER_CONNECTIONS 5;
GRANT PROCESS, REPLICATION CLIENT, SELECT ON *.* TO exporter@'%';
CREATE USER health@'127.0.0.1';
CREATE TABLE $MYSQL_DATABASE.entries (
  id bigint AUTO_INCREMENT PRIMARY KEY,
  note varchar(200) NOT NULL,
  app varchar(63) NOT NULL,
  created timestamp NOT NULL DEFAULT current_timestamp
);
SQL
if [ -n "${BACKUP_PASSWORD_FILE:-}" ]; then
  docker_process_sql <<SQL
CREATE USER backup@'%' IDENTIFIED BY '$(cat "$BACKUP_PASSWORD_FILE")' WITH MAX_USER_CONNECTIONS 5;
GRANT SELECT, SHOW VIEW, TRIGGER, LOCK TABLES, EVENT ON *.* TO backup@'%';
SQL
fi
