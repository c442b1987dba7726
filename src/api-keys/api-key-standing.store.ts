import type { Actor } from '../access/actor.ts'
import type { ApiKeyPrincipal, OrganizationKeyPrincipal } from '../access/principal.ts'
import { credentialEnded, type HoldCredential } from '../access/standing.ts'

/** Holds an API key until the transaction ends. @throws Problem `unauthenticated` when it has ended */
export function holdKey({ id }: Pick<ApiKeyPrincipal | OrganizationKeyPrincipal, 'id'>): HoldCredential {
  return async em => {
    const rows: unknown[] = await em.execute('select 1 from api_keys where id = ? for key share', [id])
    if (rows.length === 0) throw credentialEnded()
  }
}

/** Who acts by an API key, where no route of the authorization table was called. */
export function actorOfKey(key: ApiKeyPrincipal, clientIp: string): Actor {
  return { type: key.kind, id: key.id, name: key.name, clientIp, hold: holdKey(key) }
}
