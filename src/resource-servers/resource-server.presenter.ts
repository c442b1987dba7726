import { strongETag } from '../http/etag.ts'
import type { ResourceServer } from './resource-server.entity.ts'
import type { ResourceServerResource } from './resource-server.schema.ts'

/** What leaves the server of a resource server: all that its owner has set, and whether it is verified. */
export function presentResourceServer(server: ResourceServer): ResourceServerResource {
  const { resource, title, tokenFormat = null, signingAlg = null, scopes, maxTokenTtl = null } = server
  return {
    id: server.id,
    type: 'resource_server',
    attributes: {
      ...{ resource, title, tokenFormat, signingAlg, scopes, maxTokenTtl, shared: server.shared },
      verifiedAt: server.verifiedAt?.toISOString() ?? null,
      createdAt: server.createdAt.toISOString(),
      updatedAt: server.updatedAt.toISOString(),
    },
  }
}

/** Stands for it as it is. */
export function resourceServerETag({ id, version }: Pick<ResourceServer, 'id' | 'version'>): string {
  return strongETag(`${id}-${version}`)
}
