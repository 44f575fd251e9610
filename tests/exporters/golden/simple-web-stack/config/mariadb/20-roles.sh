#!/bin/bash
# Runs once, when the primary is made; replicas receive all of it through the log.
# The entrypoint lends docker_process_sql to a script that it reads instead of running.
if ! declare -F docker_process_sql >/dev/null; then
  docker_process_sql() {
    MYSQL_PWD="$MARIADB_ROOT_PASSWORD" mariadb --protocol=socket -uroot "$MARIADB_DATABASE"
  }
fi
docker_process_sql <<SQL
CREATE USER exporter@'%' IDENTIFIED BY '$(cat "$MONITOR_PASSWORD_FILE")' WITH MAX_USER_CONNECTIONS 5;
GRANT PROCESS, REPLICA MONITOR, BINLOG MONITOR, SELECT ON *.* TO exporter@'%';
CREATE TABLE $MARIADB_DATABASE.entries (
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
