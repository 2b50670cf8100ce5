# What the hooks of this folder share. Each is `. common.sh` and a few lines of its own; README.md
# says how to set them up. Nothing but fail() and finish() prints: the run wants one JSON object on
# standard output, and a secret may be in whatever cast has to say.

set -eu
LC_ALL=C
export LC_ALL

# End with a message: a JSON object for the run, a line for a person. What would need escaping is
# left out.
fail() {
    text=$(printf '%s' "$*" | tr '\000-\037' ' ' | tr -d '"\\')
    printf '{"error": "%s"}\n' "$text"
    printf '%s: %s\n' "${0##*/}" "$text" >&2
    exit 1
}

# ---- settings ----

# Lines NAME=VALUE; what the environment has wins. A path is relative to the file's folder.
read_settings() {
    file=${EVM_SETTINGS-"$(dirname "$0")/evm.env"}
    if [ ! -e "$file" ]; then
        [ -z "${EVM_SETTINGS-}" ] || fail "EVM_SETTINGS: there is no file $file"
        return 0
    fi
    while IFS='=' read -r name value || [ -n "$name" ]; do
        case $name in
        '' | '#'*) continue ;;
        ETH_KEYSTORE | ETH_PASSWORD)
            case $value in /*) ;; *) value=$(dirname "$file")/$value ;; esac ;;
        ETH_RPC_URL | ETH_FROM | EVM_CHAIN_ID | EVM_CONTRACTS | EVM_ELSEWHERE | EVM_TIMEOUT) ;;
        *) fail "$file: $name is not a setting" ;;
        esac
        eval "[ -n \"\${$name-}\" ] || $name=\$value"
    done <"$file"
}

check_settings() {
    for name in ETH_RPC_URL ETH_KEYSTORE ETH_PASSWORD EVM_CHAIN_ID; do
        eval "[ -n \"\${$name-}\" ]" || fail "$name is not set"
    done
    [ -r "$ETH_KEYSTORE" ] || fail "ETH_KEYSTORE: cannot read $ETH_KEYSTORE"
    [ -r "$ETH_PASSWORD" ] || fail "ETH_PASSWORD: cannot read $ETH_PASSWORD"
    : "${EVM_TIMEOUT:=50}" "${EVM_CONTRACTS:=}" "${EVM_ELSEWHERE:=}"
    end=$(($(date +%s) + EVM_TIMEOUT))
    # Where cast finds them: a command's arguments are open to every user of the machine.
    export ETH_RPC_URL ETH_KEYSTORE ETH_PASSWORD
    command -v cast >/dev/null || fail "no cast: install Foundry, or put cast into PATH"
    command -v flock >/dev/null || fail "no flock: install util-linux"
}

# ---- cast ----

# ask WORD...: what `cast WORD...` says, in $answer; asked again while the node does not answer.
# Returns 1 where the answer is no, with the reason in $complaint.
ask() {
    asked=1
    until answer=$(cast "$@" 2>"$scratch/complaint"); do
        complaint=$(cat "$scratch/complaint")
        case $complaint in
        *"error sending request"* | *"HTTP error"* | *"timed out"* | *"error decoding"*) ;;
        *) return 1 ;;
        esac
        [ "$asked" -lt 5 ] || fail "the node behind ETH_RPC_URL does not answer"
        asked=$((asked + 1))
        pause
    done
}

# POSIX knows whole seconds only.
pause() {
    sleep 0.2 2>/dev/null || sleep 1
}

lower() {
    printf '%s' "$1" | tr 'A-F' 'a-f'
}

# Fail for what cast complained of. $1 is the contract.
explain() {
    case $complaint in
    *"nsufficient funds"* | *"exceeds allowance"*)
        ask balance "$from" || answer=unknown
        fail "no funds: the signer $from holds $answer wei on chain $EVM_CHAIN_ID" ;;
    *"execution reverted"*)
        reason=${complaint##*"execution reverted"}
        if ask call "$1" 'owner()(address)' && [ "$(lower "$answer")" != "$(lower "$from")" ]; then
            fail "not the owner: the contract $1 is owned by $answer, the signer is $from"
        fi
        fail "reverted: the contract $1 refuses the call$reason" ;;
    *"server returned an error response"*)
        fail "the node refuses: ${complaint##*"server returned an error response: "}" ;;
    *) fail "cast: $complaint" ;;
    esac
}

# ---- what is asked for ----

# The hex digits of a member of the input, which must be this many, in $found. Before them may stand
# 0x, or the name of their algorithm (sha256:).
digits_of() {
    before='\(0[xX]\)\{0,1\}\([a-z0-9]*:\)\{0,1\}'
    found=$(printf '%s' "$input" | tr '\n' ' ' |
        sed -n "s/.*\"$1\" *: *\"$before\([0-9A-Fa-f]\{$2\}\)\".*/\3/p")
    [ -n "$found" ] || fail "the input has no $1 of $2 hex digits"
    found=$(lower "$found")
}

read_input() {
    input=$(cat)
    digits_of app_id 40
    app=0x$found
    digits_of compose_hash 64
    hash=0x$found
    case " $(lower "$EVM_CONTRACTS") " in
    "  " | *" $app "*) ;;
    *) fail "the app $app is not among EVM_CONTRACTS" ;;
    esac
}

check_chain() {
    ask chain-id || explain "$app"
    [ "$answer" = "$EVM_CHAIN_ID" ] ||
        fail "wrong chain: the node is on chain $answer, EVM_CHAIN_ID is $EVM_CHAIN_ID"
}

check_signer() {
    from=${ETH_FROM-}
    [ -z "$from" ] || return 0
    ask wallet address || fail "the signer cannot be used: $complaint"
    from=$answer
}

begin() {
    read_settings
    check_settings
    read_input
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 1' HUP INT TERM
    check_chain
    check_signer
}

# ---- transactions ----

# send CONTRACT SIGNATURE [OPTION...]: call SIGNATURE with the compose hash. Sets $transaction, and
# $status, 1 or 0, of its receipt.
#
# It is signed first and published then: should the node's answer be lost, the same bytes are sent
# again, and no second transaction comes of it. The keystore is locked until the transaction is out,
# so that two hooks of one signer do not take the same nonce.
send() {
    to=$1
    signature=$2
    shift 2
    ask code "$to" || explain "$to"
    [ "$answer" != 0x ] || fail "there is no contract at $to on chain $EVM_CHAIN_ID"
    exec 9<"$ETH_KEYSTORE"
    flock -w "$((end - $(date +%s)))" 9 || fail "the signer was busy for $EVM_TIMEOUT s"
    ask nonce --block pending "$from" || explain "$to"
    ask mktx --nonce "$answer" "$@" "$to" "$signature" "$hash" || explain "$to"
    signed=$answer
    ask keccak "$signed" || explain "$to"
    transaction=$answer
    publish
    exec 9<&-
    wait_for_receipt
}

publish() {
    ask publish --async "$signed" && return 0
    case $asked:$complaint in
    1:*) explain "$to" ;;
    *"already known"* | *"already imported"* | *"nonce too low"*) ;; # the lost one came through
    *) explain "$to" ;;
    esac
}

wait_for_receipt() {
    while :; do
        ask rpc eth_getTransactionReceipt "$transaction" || explain "$to"
        case $answer in
        *'"status":"0x1"'*) status=1 && return ;;
        *'"status":"0x0"'*) status=0 && return ;;
        esac
        [ "$(date +%s)" -lt "$end" ] || fail "no receipt of $transaction after $EVM_TIMEOUT s"
        pause
    done
}

must_succeed() {
    [ "$status" = 1 ] || fail "reverted: transaction $transaction"
}

finish() {
    printf '{"transaction_hash": "%s"}\n' "$transaction"
}
