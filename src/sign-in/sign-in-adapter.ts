import Provider, { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'
import { absentAdapter } from '../oauth/library/oidc-adapter.ts'
import { subjectOf } from './accounts.ts'
import type { SessionArtifactStore } from './session-artifact.store.ts'
import type { UserSessionStore } from './user-session.store.ts'

const STORED = new Set(['Interaction', 'Session', 'Grant', 'AuthorizationCode', 'AccessToken'])

/** The library's storage for people; kinds that this server has no use for are never found. */
export function createSignInAdapterFactory(
  store: SessionArtifactStore,
  sessions: Pick<UserSessionStore, 'use'>,
): AdapterFactory {
  return model => {
    if (!STORED.has(model)) return absentAdapter(model)
    return model === 'Session' ? sessionAdapter(store, sessions) : storedAdapter(model, store)
  }
}

/** Each use of a session is noted; one that was ended meanwhile is not stored again. */
function sessionAdapter(store: SessionArtifactStore, sessions: Pick<UserSessionStore, 'use'>): Adapter {
  return {
    ...storedAdapter('Session', store),
    upsert: async (id, payload, expiresIn) => {
      const { accountId } = payload
      if (accountId === undefined) return store.upsert('Session', id, payload, expiresIn ?? 0)
      const until = await noteUse(sessions, { ...payload, accountId })
      if (until) await store.upsert('Session', id, payload, expiresIn ?? 0, until)
    },
  }
}

async function noteUse(
  sessions: Pick<UserSessionStore, 'use'>,
  { accountId, uid = '', loginTs = 0 }: AdapterPayload & { accountId: string },
): Promise<Date | undefined> {
  const ctx = Provider.ctx
  const use = { uid, userId: subjectOf(accountId), loginTs }
  const { clientIp = '', userAgent = '' }: { clientIp?: string; userAgent?: string } = ctx?.state ?? {}
  const browser = { clientIp, userAgent }
  return sessions.use({ ...use, ...browser }, ctx?.oidc.result?.login !== undefined)
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
