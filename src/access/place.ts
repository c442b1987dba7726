import { notFound } from '../http/problems.ts'
import type { AccessContext, Principal, UserPrincipal } from './principal.ts'

/** The organization that a request is about. @throws Problem `not_found` where there is none */
export function organizationOf(ctx: AccessContext): string {
  return ctx.state.place.organizationId ?? raise()
}

/** The project that a request is about. @throws Problem `not_found` where there is none */
export function projectOf(ctx: AccessContext): string {
  return ctx.state.place.projectId ?? raise()
}

/** The user who asks, on a route that the table leaves to users. @throws Problem `not_found` for anybody else */
export function userOf(ctx: AccessContext): UserPrincipal {
  const { principal }: { principal: Principal } = ctx.state
  return principal.kind === 'user' ? principal : raise()
}

function raise(): never {
  throw notFound()
}
