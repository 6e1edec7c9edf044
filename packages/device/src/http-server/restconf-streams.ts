// The event stream of RESTCONF and where it is found (RFC 8040, 3.8, 6.2 and 9).

import { HttpProblem } from "./http-problem.ts";
import type { HttpAnswer, HttpRequest, HttpRoute } from "./http-route.ts";
import type { NotificationStream } from "./notification-stream.ts";
import { reading, yang } from "./restconf-routes.ts";

const monitoring = "ietf-restconf-monitoring:restconf-state";
const streamName = "licensing";
const streamPath = `/restconf/streams/${streamName}/json`;

/** What is absent has its default, and is not sent (RFC 8040, 9.1.2). */
const capabilities = { capability: ["urn:ietf:params:restconf:capability:defaults:1.0?basic-mode=explicit"] };

function streams({ header }: HttpRequest) {
  const host = header("host") ?? "";
  // As the client called the device: it has no better name for itself.
  const origin = /^[\w.:[\]-]{1,261}$/.test(host) ? `https://${host}` : "";
  const description = "Changes of trust, policy, authorization codes, usage, acknowledgement and communication.";
  const access = [{ encoding: "json", location: `${origin}${streamPath}` }];
  return { stream: [{ name: streamName, description, "replay-support": false, access }] };
}

export function streamRoutes(notifications: Pick<NotificationStream, "listen">): readonly HttpRoute[] {
  const listen = async ({ query, watchLogin }: HttpRequest): Promise<HttpAnswer> => {
    if (query.size > 0) {
      const message = "Nothing is replayed and nothing filtered: the stream takes no query parameter.";
      throw new HttpProblem("value_invalid", { message });
    }
    const listener = notifications.listen(await watchLogin());
    return {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: listener,
      onCutOff: (cutOff) => listener.onCutOff(cutOff),
    };
  };
  return [
    reading(`/restconf/data/${monitoring}`, {
      purpose: "Capabilities and event streams (RFC 8040, 9)",
      answer: async (request) => yang({ [monitoring]: { capabilities, streams: streams(request) } }),
    }),
    reading(`/restconf/data/${monitoring}/capabilities`, {
      purpose: "The capabilities",
      answer: async () => yang({ "ietf-restconf-monitoring:capabilities": capabilities }),
    }),
    reading(`/restconf/data/${monitoring}/streams`, {
      purpose: "The event streams",
      answer: async (request) => yang({ "ietf-restconf-monitoring:streams": streams(request) }),
    }),
    reading(streamPath, {
      purpose: "Notifications as they happen, as `text/event-stream` (RFC 8040, 6)",
      answer: listen,
    }),
  ];
}
