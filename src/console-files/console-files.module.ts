import type Router from '@koa/router'
import type { RequestState } from '../http/context.ts'
import type { Config } from '../platform/config.ts'
import { consoleRoutes } from './console.routes.ts'

/** Serves the built console. */
export function consoleFilesModule({ config }: { readonly config: Pick<Config, 'publicUrl'> }) {
  return { mount: (router: Router<RequestState>) => consoleRoutes(router, config.publicUrl) }
}
