@rem What `exec` of the npm scripts is on Windows. A shell of POSIX has it built in, and gives its place to the program.
@%*
