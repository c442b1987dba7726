import { Alert, Button, Text } from '@mantine/core'
import { useState } from 'react'
import { CardPage } from '../layout/card-page.tsx'
import { session } from './session.ts'

/** What somebody sees who is not signed in. @param refusal why the last try did not come about */
export function Landing({ refusal }: { readonly refusal: string | undefined }) {
  const [leaving, setLeaving] = useState(false)
  const [fault, setFault] = useState(refusal)
  const signIn = async () => {
    setLeaving(true)
    try {
      await session.begin(location.pathname + location.search, false)
    } catch (error) {
      setLeaving(false)
      setFault(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <CardPage title="Sign in" heading="Sentinel Pass">
      <Text>
        Every agent gets a pass of its own: scopes, an end, an off switch, and a record of what it did.
      </Text>
      {!window.isSecureContext && <NeedsHttps />}
      {fault && (
        <Alert color="red" role="alert" title="You could not be signed in">
          {fault}
        </Alert>
      )}
      <Button size="md" onClick={() => void signIn()} loading={leaving} disabled={!window.isSecureContext}>
        Sign in
      </Button>
      <Text size="sm" c="dimmed">
        The first start of the server printed the owner’s email and password.
      </Text>
    </CardPage>
  )
}

/** What the browser would say of it is "Crypto.subtle is not available". */
function NeedsHttps() {
  return (
    <Alert color="red" role="alert" title="Signing in needs https">
      This page came over http from another machine, and browsers let nobody sign in on such a page. Open the
      console at an https address (the server’s PUBLIC_URL), or at its loopback address on the server itself.
    </Alert>
  )
}
