# Writes the rows whose SHA-256 is the `candles` of an audit bundle (docs/replaying.md), from the files of a data folder:
#
#   zstd -dc btcusdt_1m.csv.zst | awk -F, -v close_time=1722731940 -f candles-digest.awk - funding_rate.csv | sha256sum

# A decimal string in units of 10^-8, as an integer: 12345.67 is 1234567000000.
function e8(text,    sign, parts) {
  sign = sub(/^-/, "", text) ? "-" : ""
  split(text, parts, ".")
  text = parts[1] substr(parts[2] "00000000", 1, 8)
  sub(/^0+/, "", text)
  return text == "" ? "0" : sign text
}

# Milliseconds to whole seconds, by their digits.
function seconds(ms) {
  return substr(ms, 1, length(ms) - 3)
}

{ sub(/\r$/, "") }

$1 !~ /^[0-9]+$/ { next } # a header

{ time = seconds($1) + 0 }

# The window's 60 minutes and 240 before them.
NF == 6 && time >= close_time - 300 * 60 && time < close_time {
  print seconds($1) "," e8($2) "," e8($3) "," e8($4) "," e8($5) "," e8($6)
}

# The rate in force at the close of the window's first minute, and those settled from then to the window's close.
NF == 2 && time <= close_time {
  row = seconds($1) "," e8($2) "\n"
  funding = time <= close_time - 59 * 60 ? row : funding row
}

END { printf "%s", funding }
