// Every route of a device's HTTPS server. A route that is not here does not exist.

import type { HttpRoute } from "./http-route.ts";
import { pageRoutes } from "./page-routes.ts";
import { restconfRoutes } from "./restconf-routes.ts";
import { type SessionKeeper, sessionRoutes } from "./session-routes.ts";
import { smartlicRoutes } from "./smartlic-routes.ts";

export function httpRoutes(sessions: SessionKeeper): readonly HttpRoute[] {
  return [...pageRoutes, ...sessionRoutes(sessions), ...smartlicRoutes, ...restconfRoutes];
}
