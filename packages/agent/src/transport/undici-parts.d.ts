// The parts of the HTTP library that the agent uses, under the names of their files: the whole of it (fetch, WebSocket, caches)
// takes 14 MB more of a device's memory (docs/decisions/0064). The lockfile pins the version to which these names belong.

declare module "undici/lib/core/connect.js" {
  import { buildConnector } from "undici";
  export = buildConnector;
}

declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}

declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";

  /** Throws what `Dispatcher.request` throws. */
  function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions & Dispatcher.DispatchOptions,
  ): Promise<Dispatcher.ResponseData>;
  export = request;
}
