import { Button } from '@mantine/core'
import { useState } from 'react'
import { CONSOLE_PATH } from '../place.ts'
import { tellFailure } from '../shared/tell.ts'
import { session } from '../sign-in/session.ts'

/** Leads from a page that is open to all to the sign-in, and on to the console. */
export function ToSignIn() {
  const [leaving, setLeaving] = useState(false)
  return (
    <Button
      loading={leaving}
      onClick={() => {
        setLeaving(true)
        session.begin(CONSOLE_PATH, false).catch(error => {
          setLeaving(false)
          tellFailure(error)
        })
      }}
    >
      Sign in
    </Button>
  )
}
