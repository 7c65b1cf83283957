// Runs one workload of the C reference at a time, on command, so that its runs can take turns with others'.
// gcc -O3 -march=native -DREFERENCE='"ref.c"' -o driver reference-driver.c -lm; driver DATA CSV; then lines "w2 goog 5" on its input.
#define main reference_main
#include REFERENCE
#undef main

int main(int count, char **arguments) {
  const char *data = arguments[1];
  char command[8], name[16];
  int runs;
  csv = count > 2 ? arguments[2] : 0;
  // Sizes are literals, as in the reference's own main: the compiler may specialise for them.
  while (scanf("%7s %15s %d", command, name, &runs) == 3) {
    if (!strcmp(command, "w1") && !strcmp(name, "goog")) one(data, "goog", 2148, runs, 0.001);
    else if (!strcmp(command, "w1")) one(data, "min1m", 1000000, runs, 0.00001);
    else if (!strcmp(name, "goog")) sweep(data, "goog", 2148, 1, runs);
    else if (!strcmp(name, "day8")) sweep(data, "day8", 1258, 8, runs);
    else sweep(data, "min100k", 100000, 1, runs);
    printf("done\n");
    fflush(stdout);
  }
  return 0;
}
