#include "server/agent/wheel.h"

int wheel_notches(int *rest, int delta)
{
	/* Half a notch up is not owed when the wheel then turns down. */
	if ((delta > 0 && *rest < 0) || (delta < 0 && *rest > 0))
		*rest = 0;
	int sum = *rest + delta;
	*rest = sum % WHEEL_NOTCH;
	return sum / WHEEL_NOTCH;
}
