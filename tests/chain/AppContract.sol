// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What an app's contract has to have for its CVMs to be updated: an owner, who says which compose
/// hashes may boot. It is for tests: nothing in it can be upgraded, and ownership stays.
contract AppContract {
    address public owner;
    mapping(bytes32 => bool) public allowedComposeHashes;

    event ComposeHashAdded(bytes32 composeHash);
    event ComposeHashRemoved(bytes32 composeHash);

    error OwnableUnauthorizedAccount(address account);

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function addComposeHash(bytes32 composeHash) external onlyOwner {
        allowedComposeHashes[composeHash] = true;
        emit ComposeHashAdded(composeHash);
    }

    function removeComposeHash(bytes32 composeHash) external onlyOwner {
        allowedComposeHashes[composeHash] = false;
        emit ComposeHashRemoved(composeHash);
    }
}
