import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

/**
 * Asks before somebody leaves a secret that is shown this once and was not copied.
 * @param guarded whether there is one
 */
export function useLeaveGuard(guarded: boolean): LeaveGuard {
  const [closing, setClosing] = useState<{ readonly then: () => void }>()
  const blocker = useBlocker({
    shouldBlockFn: () => guarded,
    enableBeforeUnload: guarded,
    disabled: !guarded,
    withResolver: true,
  })
  const stay = () => {
    setClosing(undefined)
    blocker.reset?.()
  }
  const leave = () => {
    setClosing(undefined)
    closing?.then()
    blocker.proceed?.()
  }
  return {
    question: (
      <Modal
        opened={closing !== undefined || blocker.status === 'blocked'}
        onClose={stay}
        title="The secret was not copied"
      >
        <Stack>
          <Text size="sm">
            Nobody can look it up once you leave: the agent would need new credentials, by a rotation of the
            pass.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              Leave without it
            </Button>
            <Button onClick={stay} data-autofocus>
              Stay
            </Button>
          </Group>
        </Stack>
      </Modal>
    ),
    close: then => (guarded ? setClosing({ then }) : then()),
  }
}

export interface LeaveGuard {
  /** Has to be rendered: the question, when there is one to ask. */
  readonly question: ReactNode
  /** For a dialog that shows the secret: does it at once, or when the person has said so. */
  readonly close: (then: () => void) => void
}
