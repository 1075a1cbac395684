/* loader_probe.c - asks a running musl what dlopen(FILE, RTLD_NOW) says.
 *
 * Built by probe/oracle without any libc's headers or start files, so that one
 * source serves every machine and every musl:
 *   clang --target=ARCH-linux-musl -O1 -fPIE -ffreestanding -nostdlib -fuse-ld=lld -pie ...
 * It is run inside the oracle's root, with no network, small limits and a
 * library preloaded that defines the interpreter's Py* names.
 *
 * Reads file names from descriptor 0, one a line.  For each it forks, opens the
 * file in the child and writes one line to descriptor 3:
 *   begin FILE        the child is about to call dlopen
 *   ok                it returned a handle
 *   error TEXT        it returned none; TEXT is dlerror()
 *   exit N / signal N how the child ended (constructors are the wheel's own
 *                     code: they may crash or exit; a child has 10 seconds)
 */

typedef unsigned long word;

extern void *dlopen(const char *, int);
extern char *dlerror(void);
extern int fork(void);
extern int waitpid(int, int *, int);
extern unsigned alarm(unsigned);
extern long read(int, void *, word);
extern long write(int, const void *, word);
extern int close(int);
extern _Noreturn void _exit(int);
extern int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void),
	void (*)(void), void (*)(void));

enum { LINE_NBYTES = 8192, REPORT_FD = 3, CHILD_SECONDS = 10, RTLD_NOW = 2 };

static word length(const char *s)
{
	word n = 0;
	while (s[n]) n++;
	return n;
}

/* One write for one line, so that lines never mix. */
static void report(const char *what, const char *text)
{
	static char line[LINE_NBYTES * 2];
	word n = 0;
	for (word i = 0; what[i]; i++) line[n++] = what[i];
	for (word i = 0, end = length(text); i < end && n < sizeof line - 1; i++)
		line[n++] = text[i] == '\n' ? ' ' : text[i];
	line[n++] = '\n';
	write(REPORT_FD, line, n);
}

static void report_number(const char *what, int number)
{
	char digits[16];
	char *p = digits + sizeof digits;
	*--p = 0;
	do *--p = (char)('0' + number % 10);
	while (number /= 10);
	report(what, p);
}

static void ask(const char *file)
{
	int status = 0;

	report("begin ", file);
	int child = fork();
	if (child < 0) {
		report("error ", "loader_probe: cannot fork");
		return;
	}
	if (child == 0) {
		close(0);
		alarm(CHILD_SECONDS);
		if (dlopen(file, RTLD_NOW)) {
			report("ok", "");
		} else {
			report("error ", dlerror());
		}
		_exit(0); /* no destructors: the handle's code has had its turn */
	}
	while (waitpid(child, &status, 0) != child)
		;
	if (status & 0x7f) {
		report_number("signal ", status & 0x7f);
	} else {
		report_number("exit ", status >> 8 & 0xff);
	}
}

/* Returns 1 and a line without its end, or 0 at the end of input. */
static int next_line(char *line, word nbytes)
{
	static char buf[LINE_NBYTES];
	static long have, at;
	word n = 0;

	for (;;) {
		if (at == have) {
			have = read(0, buf, sizeof buf);
			at = 0;
			if (have <= 0) {
				have = 0;
				break;
			}
		}
		char c = buf[at++];
		if (c == '\n') {
			line[n] = 0;
			return 1;
		}
		if (n < nbytes - 1) line[n++] = c;
	}
	line[n] = 0;
	return n > 0;
}

static int run(int argc, char **argv, char **envp)
{
	static char line[LINE_NBYTES];
	(void)argc;
	(void)argv;
	(void)envp;
	while (next_line(line, sizeof line)) ask(line);
	return 0;
}

static void nothing(void)
{
}

/* What a crt1.o does: the kernel's (or loader's) stack pointer to a C function. */
__attribute__((used)) static void start_c(word *stack)
{
	__libc_start_main(run, (int)stack[0], (char **)(stack + 1), nothing, nothing, 0);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall start_c\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29,#0\n\tmov x30,#0\n\tmov x0,sp\n\tand sp,x0,#-16\n\tb start_c\n");
#else
#error "loader_probe.c: no start code for this machine yet"
#endif
