/* check_usb_port.c - tests of input/usb_port.c, on a sysfs of our own. */
#include "input/usb_port.h"

#include <errno.h>
#include <stdio.h>

#include "tests/test.h"

static char sysfs[] = "/tmp/edged-sysfs-XXXXXX";

static void add_card(const char *number, const char *device)
{
	char command[1000];

	snprintf(command, sizeof(command),
		 "mkdir -p %s/devices/%s %s/class/sound/%s && "
		 "ln -s ../../../devices/%s %s/class/sound/%s/device",
		 sysfs, device, sysfs, number, device, sysfs, number);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_card_is_found_by_the_port_it_is_in)
{
	char port[USB_PORT_BYTES] = "", command[100];

	ck_assert_ptr_nonnull(mkdtemp(sysfs));
	add_card("card0", "pci0000:00/0000:00:1f.3");
	add_card("card1", "pci0000:00/usb1/1-1/1-1.3/1-1.3:1.0");
	add_card("card3", "platform/soc/usb2/2-1/2-1:1.0");
	add_card("card4", "platform/soc/sound");
	ck_assert(!usb_port_of_card(sysfs, 0, port));
	ck_assert(usb_port_of_card(sysfs, 1, port));
	ck_assert_str_eq(port, "1-1.3");
	ck_assert(!usb_port_of_card(sysfs, 2, port));
	ck_assert(!usb_port_of_card(sysfs, 4, port));
	ck_assert_int_eq(usb_port_card(sysfs, "1-1.3"), 1);
	ck_assert_int_eq(usb_port_card(sysfs, "2-1"), 3);
	ck_assert_int_eq(usb_port_card(sysfs, "1-1"), -ENODEV);
	snprintf(command, sizeof(command), "rm -rf %s", sysfs);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

TEST_MAIN("usb_port", a_card_is_found_by_the_port_it_is_in)
