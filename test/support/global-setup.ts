import { createTemplate } from './backend.ts'
import { provideBrowser } from './provide-browser.ts'

/**
 * Makes one migrated database that every test file copies: migrating takes seconds, copying does not. Has the browser
 * unpacked, since two workers that did it at the same time would start each other's half of it.
 */
export default async function setUp(): Promise<void> {
  const [template] = await Promise.all([createTemplate(), provideBrowser()])
  process.env.TEST_TEMPLATE = template.name
  globalThis.removeTestTemplate = template.remove
}

declare global {
  // Jest hands nothing else from the setup to the teardown.
  var removeTestTemplate: (() => Promise<void>) | undefined
}
