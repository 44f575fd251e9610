vcl 4.1;
# front

import directors;

# The addresses of the servers, written by start.sh whenever they change.
include "/tmp/servers.vcl";

sub vcl_init {
  new servers = directors.round_robin();
  servers.add_backend(server_1);
  servers.add_backend(server_2);

  # Who is asked when one of them gave no answer: the next that is well, and itself last.
  new after_1 = directors.fallback();
  after_1.add_backend(server_2);
  after_1.add_backend(server_1);
  new after_2 = directors.fallback();
  after_2.add_backend(server_1);
  after_2.add_backend(server_2);
}

sub vcl_recv {
  set req.backend_hint = servers.backend();
  set req.http.X-Web = "front";
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
    # Not whose turn it is: while others are served, that can be the dead one each time.
    if (beresp.backend == server_1) {
      set bereq.backend = after_1.backend();
    } elseif (beresp.backend == server_2) {
      set bereq.backend = after_2.backend();
    }
    return (retry);
  }
}

sub vcl_deliver {
  set resp.http.X-Web = "front";
  if (obj.hits > 0) {
    set resp.http.X-Cache = "hit";
  } else {
    set resp.http.X-Cache = "miss";
  }
}
