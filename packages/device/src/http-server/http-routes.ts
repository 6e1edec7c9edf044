// Every route of a device's HTTPS server. A route that is not here does not exist.

import type { HttpRoute } from "./http-route.ts";
import type { NotificationStream } from "./notification-stream.ts";
import { pageRoutes } from "./page-routes.ts";
import { restconfRoutes } from "./restconf-routes.ts";
import { streamRoutes } from "./restconf-streams.ts";
import { type SessionKeeper, sessionRoutes } from "./session-routes.ts";
import { smartlicRoutes } from "./smartlic-routes.ts";

export function httpRoutes(
  sessions: SessionKeeper,
  notifications: Pick<NotificationStream, "listen">,
): readonly HttpRoute[] {
  const streams = streamRoutes(notifications);
  return [...pageRoutes, ...sessionRoutes(sessions), ...smartlicRoutes, ...streams, ...restconfRoutes];
}
