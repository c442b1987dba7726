import { createTemplate } from './backend.ts'

/** Makes one migrated database that every test file copies: migrating takes seconds, copying does not. */
export default async function setUp(): Promise<void> {
  const template = await createTemplate()
  process.env.TEST_TEMPLATE = template.name
  globalThis.removeTestTemplate = template.remove
}

declare global {
  // Jest hands nothing else from the setup to the teardown.
  var removeTestTemplate: (() => Promise<void>) | undefined
}
