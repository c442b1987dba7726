import { Button, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accountQuery, enrolTotp, removeTotp, type TotpSecret } from '../api/account.ts'
import { tell } from '../shared/tell.ts'
import { PasswordQuestion } from './password-question.tsx'
import { TotpSetUp } from './totp-set-up.tsx'

/** Turns one-time codes on or off. @param on whether they are */
export function OneTimeCodes({ on }: { readonly on: boolean }) {
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const [beginning, setBeginning] = useState(false)
  const [secret, setSecret] = useState<TotpSecret>()
  const refresh = () => client.invalidateQueries({ queryKey: accountQuery.queryKey })
  return (
    <>
      <Group>
        {on ? (
          <Button variant="default" onClick={() => setRemoving(true)}>
            Turn one-time codes off
          </Button>
        ) : (
          <Button onClick={() => setBeginning(true)}>Set up one-time codes</Button>
        )}
      </Group>
      <PasswordQuestion
        opened={beginning}
        title="Set up one-time codes?"
        action="Go on"
        danger={false}
        onClose={() => setBeginning(false)}
        onPassword={async password => setSecret(await enrolTotp(password))}
      >
        Have an authenticator app at hand. Other browsers that you are signed in with are signed out.
      </PasswordQuestion>
      <TotpSetUp
        secret={secret}
        onClose={() => setSecret(undefined)}
        onDone={async () => {
          setSecret(undefined)
          await refresh()
          tell('One-time codes are on. The next sign-in asks for one.')
        }}
      />
      <PasswordQuestion
        opened={removing}
        title="Turn one-time codes off?"
        action="Turn them off"
        onClose={() => setRemoving(false)}
        onPassword={async password => {
          await removeTotp(password)
          await refresh()
          tell('One-time codes are off.')
        }}
      >
        Your password alone is enough to sign in then. To move to another device, turn them off and set them
        up again.
      </PasswordQuestion>
    </>
  )
}
