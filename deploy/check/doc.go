// Check judges the CloudFormation template of deploy/ without a network and
// without an account.
//
//	go run . [-template FILE] [-readme FILE] [-source DIR] [-terraform FILE [-write]]
//
// In go the template, the README beside it and the source of the program. Out
// comes one line for each finding, `file:line: what is wrong: what to do`, and
// exit code 1 when there is any. What it looks at:
//
//   - rules: what must hold between resources, such as the visibility timeout
//     of the queue against the timeout of the function, or which keys wake it;
//   - rights: the role is resolved with the parameters of several deployments,
//     and every call that the code makes is tried against it. Each must be
//     allowed by one statement, the one that the README names; calls that the
//     code does not make must be allowed by none.
//
// Types, properties and references, and what is insecure in general, are not its business: cfn-lint,
// AWS's validator, checkov and cdk-nag know them (lint.sh, validate.sh). It is a module by itself, because
// the product reads YAML in one package only.
package main
