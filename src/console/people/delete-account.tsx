import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { deleteAccount } from '../api/account.ts'
import { CONSOLE_PATH } from '../place.ts'
import { PasswordQuestion } from './password-question.tsx'

/** Ends the account of the person at the screen. */
export function DeleteAccount() {
  const [asked, setAsked] = useState(false)
  return (
    <>
      <Group>
        <Button color="red" variant="outline" onClick={() => setAsked(true)}>
          Delete your account
        </Button>
      </Group>
      <PasswordQuestion
        opened={asked}
        title="Delete your account?"
        action="Delete the account"
        onClose={() => setAsked(false)}
        onPassword={async password => {
          await deleteAccount(password)
          location.assign(CONSOLE_PATH)
        }}
      >
        This cannot be undone. To come back you would need an invitation. Passes and API keys that you made go
        on working.
      </PasswordQuestion>
    </>
  )
}
