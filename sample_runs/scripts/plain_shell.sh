#!/bin/sh
# A run written by a shell and awk alone: linear regression of car stopping distances by gradient descent.
# Usage: plain_shell.sh RUN_FOLDER LEARNING_RATE
set -eu
run=$1
rate=$2
mkdir -p "$run"
echo running > "$run/status"
echo "{\"model\": \"linear\", \"rate\": $rate, \"steps\": 40}" > "$run/params.json"
echo "step,time,loss,slope" > "$run/metrics.csv"
start=$(date +%s)
# speed (mph) and stopping distance (ft) of 20 of the 50 cars in Ezekiel's 1930 table
printf '%s\n' "4 2" "4 10" "7 4" "7 22" "8 16" "9 10" "10 18" "10 26" "11 17" "12 14" "12 24" "13 26" "13 34" "14 26" \
    "15 20" "16 32" "17 40" "18 56" "19 46" "20 52" |
awk -v rate="$rate" -v start="$start" '
    { x[NR] = $1 / 10; y[NR] = $2 / 10 }
    END {
        for (step = 0; step < 40; step++) {
            loss = 0; da = 0; db = 0
            for (i = 1; i <= NR; i++) {
                error = a * x[i] + b - y[i]
                loss += error * error / NR; da += 2 * error * x[i] / NR; db += 2 * error / NR
            }
            a -= rate * da; b -= rate * db
            printf "%d,%d,%.6g,%.6g\n", step, start + step, loss, a
        }
    }' >> "$run/metrics.csv"
echo finished > "$run/status"
