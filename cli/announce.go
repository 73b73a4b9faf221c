package cli

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// announce tells systemd that the command is ready, and that it is alive for as long as it
// is. The returned func says that it is about to end. Without systemd nothing
// happens.
func announce(ctx context.Context) (stopping func()) {
	tell := func(state string) { _, _ = daemon.SdNotify(false, state) } // nobody else would want to know
	tell(daemon.SdNotifyReady)
	if every, err := daemon.SdWatchdogEnabled(false); err == nil && every > 0 {
		tick := time.NewTicker(every / 2)
		context.AfterFunc(ctx, tick.Stop)
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					tell(daemon.SdNotifyWatchdog)
				}
			}
		}()
	}
	return func() { tell(daemon.SdNotifyStopping) }
}
