// What history keeps of a request: everything but its secrets (BET-11). The texts inside texts are opened, so that the
// token is found by its name and not by its spelling, and closed again as they were.

const redacted = "<redacted>";

export function redactRequest(body: string): string {
  // Reports make large messages; what does not even have the word needs no second look.
  if (!body.includes("token")) return body;
  const outer = JSON.parse(body) as { request: string };
  const inner = JSON.parse(outer.request) as { request_data: string };
  const data = JSON.parse(inner.request_data) as { token?: string };
  if (data.token === undefined) return body;
  const request = JSON.stringify({ ...inner, request_data: JSON.stringify({ ...data, token: redacted }) });
  return JSON.stringify({ ...outer, request });
}
