import { type Adapter, type AdapterFactory, errors } from 'oidc-provider'
import { absentAdapter } from './oidc-adapter.ts'
import type { SessionArtifactStore } from './session-artifact.store.ts'

const STORED = new Set(['Interaction', 'Session', 'Grant', 'AuthorizationCode', 'AccessToken'])

/** The library's storage for people; kinds that this server has no use for are never found. */
export function createSignInAdapterFactory(store: SessionArtifactStore): AdapterFactory {
  return model => (STORED.has(model) ? storedAdapter(model, store) : absentAdapter(model))
}

function storedAdapter(model: string, store: SessionArtifactStore): Adapter {
  return {
    upsert: (id, payload, expiresIn) => store.upsert(model, id, payload, expiresIn ?? 0),
    find: id => store.find(model, id),
    findByUserCode: async () => undefined,
    findByUid: uid => store.findByUid(model, uid),
    consume: async id => {
      if (await store.consume(model, id)) return
      // Used twice: what the first use gave is not to be trusted either (RFC 6749 section 4.1.2).
      const grantId = (await store.find(model, id))?.grantId
      if (grantId !== undefined) await store.revokeGrant(grantId)
      throw new errors.InvalidGrant('authorization code already consumed')
    },
    destroy: id => store.destroy(model, id),
    revokeByGrantId: grantId => store.revokeGrant(grantId),
  }
}
