// The pages and their addresses. Values of the search stand in the URL as they are.

import {
  createRootRoute,
  createRoute,
  createRouter,
  parseSearchWith,
  stringifySearchWith,
} from "@tanstack/react-router";
import { ActivityPage } from "../pages/activity-page.tsx";
import { AlertsPage } from "../pages/alerts-page.tsx";
import { HomePage } from "../pages/home-page.tsx";
import { InstancesPage } from "../pages/instances-page.tsx";
import { LicensesPage } from "../pages/licenses-page.tsx";
import { PoliciesPage } from "../pages/policies-page.tsx";
import { ReportsPage } from "../pages/reports-page.tsx";
import { TokensPage } from "../pages/tokens-page.tsx";
import { Frame } from "./frame.tsx";
import { readSearch } from "./place.ts";

const root = createRootRoute({
  component: Frame,
  validateSearch: readSearch,
  notFoundComponent: () => (
    <div className="note">
      <h1>There is no such page</h1>
      <p>Choose one of those on the left.</p>
    </div>
  ),
});
const under = { getParentRoute: () => root } as const;

const routes = root.addChildren([
  createRoute({ ...under, path: "/", component: HomePage }),
  createRoute({ ...under, path: "/alerts", component: AlertsPage }),
  createRoute({ ...under, path: "/instances", component: InstancesPage }),
  createRoute({ ...under, path: "/licenses", component: LicensesPage }),
  createRoute({ ...under, path: "/tokens", component: TokensPage }),
  createRoute({ ...under, path: "/reports", component: ReportsPage }),
  createRoute({ ...under, path: "/policies", component: PoliciesPage }),
  createRoute({ ...under, path: "/activity", component: ActivityPage }),
]);

export const router = createRouter({
  routeTree: routes,
  basepath: "/portal",
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith(String),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
