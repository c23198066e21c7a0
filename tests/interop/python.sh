# python.sh - smtplib and poplib; python.py has the tests.

use_python() {
	local test
	have python3 || return
	for test in $(python3 tests/interop/python.py names "$world"); do
		try "python ${test//_/ }" python3 tests/interop/python.py \
		    "$test" "$world" "$BASE" "$CA"
	done
}
