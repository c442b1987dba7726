import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { ORGANIZATION_PATH } from '../access/paths.ts'
import { organizationOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { readJson } from '../http/body.ts'
import { pageOfAll, presentPage, shortList } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { OrganizationStore } from '../organizations/organization.store.ts'
import type { SigningKey } from './signing-key.entity.ts'
import { keyRotation, type SigningKeyResource } from './signing-key.schema.ts'
import type { NoteKey, SigningKeyStore } from './signing-key.store.ts'

const PATH = `${ORGANIZATION_PATH}/signing_keys`

/** The server's signing keys, for the owners of the operator's organization; to all others there are none. */
export function signingKeyRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  keys: SigningKeyStore,
  organizations: Pick<OrganizationStore, 'isOperators'>,
  audit: AuditTrail,
): void {
  const assertOperator = async (ctx: AccessContext) => {
    if (!(await organizations.isOperators(organizationOf(ctx)))) throw notFound()
  }
  const noting =
    (ctx: AccessContext, action: string): NoteKey =>
    async (em, key) => {
      const organizationId = organizationOf(ctx)
      const actor = actorOf(ctx)
      await actor.hold?.(em)
      // A key's id is no UUID; it is told as the name.
      const target = { targetType: 'signing_key', targetId: organizationId, targetName: key.kid } as const
      const { alg, activeFrom, pulledAt } = presentSigningKey(key).attributes
      const changes = pulledAt
        ? { before: { pulledAt: null }, after: { alg, pulledAt } }
        : { after: { alg, activeFrom } }
      audit.noteIn(em, { organizationId, projectId: null }, actor, { action, ...target, ...changes })
    }

  router.get(PATH, authorize('signing_keys.list'), async ctx => {
    await assertOperator(ctx)
    const found = pageOfAll(parseQuery(shortList, ctx.query), await keys.list())
    ctx.body = { data: found.items.map(presentSigningKey), meta: presentPage(found) }
  })

  router.post(PATH, authorize('signing_keys.rotate'), async ctx => {
    await assertOperator(ctx)
    const { alg } = parseBody(keyRotation, await readJson(ctx)).data.attributes
    const next = await keys.rotate(alg, noting(ctx, 'signing_key.rotate'))
    ctx.status = 201
    ctx.body = { data: presentSigningKey(next) }
  })

  router.delete(`${PATH}/:kid`, authorize('signing_keys.pull'), async ctx => {
    await assertOperator(ctx)
    const { kid }: { kid?: string } = ctx.params
    if (!(await keys.pull(kid ?? '', noting(ctx, 'signing_key.pull')))) throw notFound()
    ctx.status = 204
  })
}

function presentSigningKey({ kid, alg, createdAt, activeFrom, pulledAt }: SigningKey): SigningKeyResource {
  return {
    id: kid,
    type: 'signing_key',
    attributes: {
      alg,
      createdAt: createdAt.toISOString(),
      activeFrom: activeFrom.toISOString(),
      pulledAt: pulledAt?.toISOString() ?? null,
    },
  }
}
