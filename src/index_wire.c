/* SPDX-License-Identifier: MIT */
#include "index_wire.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

struct mc_wire *mc_index_wire;

static void put(struct mc_wire *wire, const void *bytes, size_t nbytes)
{
	if (wire->is_wrong || nbytes > sizeof(wire->bytes) - wire->len) {
		wire->is_wrong = true;
		return;
	}
	if (nbytes)
		memcpy(wire->bytes + wire->len, bytes, nbytes);
	wire->len += nbytes;
}

void mc_wire_begin(struct mc_wire *wire, enum mc_wire_kind kind)
{
	wire->len = 0;
	wire->is_wrong = false;
	mc_wire_put_number(wire, kind);
}

void mc_wire_put_number(struct mc_wire *wire, uint64_t number)
{
	put(wire, &number, sizeof(number));
}

void mc_wire_put_text(struct mc_wire *wire, struct mc_str text)
{
	mc_wire_put_number(wire, text.len);
	put(wire, text.ptr, text.len);
}

/* Room for one descriptor beside the message, aligned.  */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool mc_wire_send(struct mc_wire *wire, int fd)
{
	struct iovec part = {wire->bytes, wire->len};
	union control control;
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	if (wire->is_wrong || wire->fd < 0)
		return false;
	if (fd >= 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)wire->len;
}

static void take_fd(struct mc_wire *wire, struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return;
	memcpy(&wire->passed_fd, CMSG_DATA(header), sizeof(int));
	fcntl(wire->passed_fd, F_SETFD, FD_CLOEXEC);
}

enum mc_wire_kind mc_wire_receive(struct mc_wire *wire)
{
	struct iovec part = {wire->bytes, sizeof(wire->bytes)};
	union control control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t got;

	mc_close_fd(wire->passed_fd);
	wire->passed_fd = -1;
	wire->len = wire->at = 0;
	wire->is_wrong = wire->fd < 0;
	if (wire->is_wrong)
		return 0;
	do
		got = recvmsg(wire->fd, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got <= 0 || (message.msg_flags & MSG_TRUNC))
		return 0;
	wire->len = (size_t)got;
	take_fd(wire, &message);
	return (enum mc_wire_kind)mc_wire_number(wire);
}

uint64_t mc_wire_number(struct mc_wire *wire)
{
	uint64_t number = 0;

	if (wire->is_wrong || wire->len - wire->at < sizeof(number)) {
		wire->is_wrong = true;
		return 0;
	}
	memcpy(&number, wire->bytes + wire->at, sizeof(number));
	wire->at += sizeof(number);
	return number;
}

struct mc_str mc_wire_text(struct mc_wire *wire)
{
	uint64_t nbytes = mc_wire_number(wire);
	struct mc_str text = {(const char *)wire->bytes + wire->at, (size_t)nbytes};

	if (wire->is_wrong || nbytes > wire->len - wire->at) {
		wire->is_wrong = true;
		return (struct mc_str){"", 0};
	}
	wire->at += (size_t)nbytes;
	return text;
}

bool mc_wire_is_whole(const struct mc_wire *wire)
{
	return !wire->is_wrong && wire->at == wire->len;
}

void mc_wire_close(struct mc_wire *wire)
{
	mc_close_fd(wire->fd);
	mc_close_fd(wire->passed_fd);
	wire->fd = wire->passed_fd = -1;
}
