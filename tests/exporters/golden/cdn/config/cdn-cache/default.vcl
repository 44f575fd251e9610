vcl 4.1;
# cdn-cache

import directors;

# The addresses of the servers, written by start.sh whenever they change.
include "/tmp/servers.vcl";

sub vcl_init {
  new servers = directors.round_robin();
  servers.add_backend(server_1);
}

sub vcl_recv {
  set req.backend_hint = servers.backend();
  if (req.url == "/healthz") {
    return (pass);
  }
}

sub vcl_backend_response {
  # What is in the cache may be given out for a minute while no server answers.
  set beresp.grace = 1m;
}

sub vcl_backend_error {
  # Reading again elsewhere does no harm; writing again might.
  if (bereq.retries < 4 && (bereq.method == "GET" || bereq.method == "HEAD")) {
    return (retry);
  }
}

sub vcl_deliver {
  if (obj.hits > 0) {
    set resp.http.X-Cache = "hit";
  } else {
    set resp.http.X-Cache = "miss";
  }
}
