import { tellMade } from './bootstrap/welcome.ts'
import type { Deps } from './deps.ts'
import { expectFree, type Place } from './http/listening.ts'
import { isTrustworthy } from './platform/config.ts'

/**
 * What a start sees to before anything serves: what the first start makes, and the resource servers of the settings.
 * @param places where it is going to be listened
 * @throws OperatorError where that cannot be: nothing has been made then, or it has been told
 */
export async function prepare(deps: Deps, places: readonly Place[]): Promise<void> {
  const { bootstrap, config, logger, resourceServers } = deps
  for (const place of places) await expectFree(place)
  const made = await bootstrap.run()
  // Told before anything else can fail: the key and the password are not to be had again.
  process.stdout.write(tellMade(made, config))
  if (!isTrustworthy(config.publicUrl))
    logger.warn(
      { url: config.publicUrl },
      'Nobody can sign in to the console at this address: browsers let a page do that over https and on the loopback address alone. Set PUBLIC_URL to an https address, or use the console on this machine.',
    )
  await resourceServers.provisioning.run()
}
