// The paths at which managers on premises speak to this one (spec/protocol.md, section 13). Documents prove their sender by
// themselves; few are worked on at one time, because each is large.

import { messageBytesMax, syncDocumentBytesMax } from "@countersign/protocol";
import { type ReceivedBytes, TooMuchReceived } from "@countersign/terminal";
import type { FastifyInstance } from "fastify";
import { floorPaths } from "../use-cases/upstream-sync.ts";
import type { FloorDoor } from "../use-cases/use-cases.ts";

const atOneTimeMax = 4;

export async function registerFloorRoutes(
  application: FastifyInstance,
  door: FloorDoor,
  received: ReceivedBytes,
): Promise<void> {
  let underWay = 0;
  await application.register(async (scope) => {
    received.watch(scope);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    const post = (path: string, bodyLimit: number, answer: (bytes: Uint8Array) => Promise<string>) =>
      scope.post(path, { bodyLimit, config: { authorization: "message" } }, async (request, reply) => {
        if (underWay >= atOneTimeMax) throw new TooMuchReceived();
        underWay += 1;
        try {
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
          return reply.header("content-type", "application/json").send(Buffer.from(await answer(body)));
        } finally {
          underWay -= 1;
        }
      });
    post(floorPaths.register, messageBytesMax, door.register);
    post(floorPaths.sync, syncDocumentBytesMax, door.sync);
  });
}
