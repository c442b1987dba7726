import { notifications } from '@mantine/notifications'
import { asError, titleOf } from './failure.tsx'

/** Says in a corner that something was done. */
export function tell(message: string): void {
  notifications.show({ message })
}

/** Says in a corner that something did not work, where no place of the page is its own. */
export function tellFailure(error: unknown): void {
  const fault = asError(error)
  notifications.show({ color: 'red', title: titleOf(fault), message: fault.message, autoClose: 10_000 })
}
