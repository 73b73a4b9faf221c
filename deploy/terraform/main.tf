# Made from cloudformation.yaml: go run . -write, in deploy/check. Do not edit.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

variable "stack_name" {
  type        = string
  description = "Name of the stack"
  default     = "sluice"
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything that the stack creates"
  default     = {}
}

variable "code_bucket" {
  type        = string
  description = "Bucket in this region that holds the zip of the function"

  validation {
    condition     = can(regex("^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", var.code_bucket))
    error_message = "CodeBucket must match [a-z0-9][a-z0-9.-]{1,61}[a-z0-9]."
  }
}

variable "code_key" {
  type        = string
  description = "Key of the zip that `make lambda` builds"
  default     = "wazuh_to_amazon_security_lake.zip"

  validation {
    condition     = length(var.code_key) >= 1
    error_message = "CodeKey must have a length of at least 1."
  }
}

variable "code_version" {
  type        = string
  description = "Version of that object, if the bucket keeps versions. A stack update notices a new zip under an old key only by its version"
  default     = ""
}

variable "architecture" {
  type        = string
  description = "Processor for which the zip was built (arm64 by default, x86_64 for ARCH=amd64)"
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Architecture must be one of arm64, x86_64."
  }
}

variable "alias" {
  type        = string
  description = "Name of an alias, such as live. The queue then calls the version of the function that it names, and RollbackVersion goes back to an earlier one at once. Empty means that the queue calls whatever was deployed last"
  default     = ""

  validation {
    condition     = can(regex("^(?:([A-Za-z_-][A-Za-z0-9_-]{0,127})?)$", var.alias))
    error_message = "Alias must match ([A-Za-z_-][A-Za-z0-9_-]{0,127})?."
  }
}

variable "release" {
  type        = string
  description = "With Alias. A text that names this state of code and settings, such as a date. Each new one publishes a version of the function and moves the alias to it"
  default     = ""

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_.:+-]{0,128})$", var.release))
    error_message = "Release must match [A-Za-z0-9_.:+-]{0,128}."
  }
}

variable "rollback_version" {
  type        = string
  description = "With Alias. Number of the version that the alias names instead of that of Release. Empty means that of Release"
  default     = ""

  validation {
    condition     = can(regex("^(?:([0-9]{1,9})?)$", var.rollback_version))
    error_message = "RollbackVersion must match ([0-9]{1,9})?."
  }
}

variable "aws_bucket" {
  type        = string
  description = "AWS_BUCKET. Bucket in which Security Lake stores the data of the custom source"

  validation {
    condition     = can(regex("^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", var.aws_bucket))
    error_message = "AwsBucket must match [a-z0-9][a-z0-9.-]{1,61}[a-z0-9]."
  }
}

variable "lake_account_id" {
  type        = string
  description = "SLUICE_LAKE_ACCOUNT. Account that owns that bucket. S3 then refuses to write to a bucket of the same name in another. Empty means any"
  default     = ""

  validation {
    condition     = can(regex("^(?:([0-9]{12})?)$", var.lake_account_id))
    error_message = "LakeAccountId must match ([0-9]{12})?."
  }
}

variable "bucket_account_id" {
  type        = string
  description = "SLUICE_BUCKET_ACCOUNT. Account that owns the other buckets, which are those of alerts, rejects, copies and mappings. Empty means any"
  default     = ""

  validation {
    condition     = can(regex("^(?:([0-9]{12})?)$", var.bucket_account_id))
    error_message = "BucketAccountId must match ([0-9]{12})?."
  }
}

variable "source_location" {
  type        = string
  description = "SOURCE_LOCATION. Name of the custom source, at most 20 characters, as it was registered"
  default     = "wazuh"

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_.:-]{1,64})$", var.source_location))
    error_message = "SourceLocation must match [A-Za-z0-9_.:-]{1,64}."
  }
}

variable "account_id" {
  type        = string
  description = "ACCOUNT_ID. The account given when the custom source was created"

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_.:-]{1,64})$", var.account_id))
    error_message = "AccountId must match [A-Za-z0-9_.:-]{1,64}."
  }
}

variable "region" {
  type        = string
  description = "REGION. Region of the lake"

  validation {
    condition     = can(regex("^(?:[a-z]{2}(-[a-z]+)+-[0-9])$", var.region))
    error_message = "Region must match [a-z]{2}(-[a-z]+)+-[0-9]."
  }
}

variable "ocsf_class" {
  type        = string
  description = "OCSF_CLASS. The class that the custom source was registered with; BY_CLASS gives each alert the class that it deserves, and each class a custom source SourceLocation-<suffix>"
  default     = "SECURITY_FINDING"

  validation {
    condition     = contains(["SECURITY_FINDING", "DETECTION_FINDING", "BY_CLASS"], var.ocsf_class)
    error_message = "OcsfClass must be one of SECURITY_FINDING, DETECTION_FINDING, BY_CLASS."
  }
}

variable "sluice_sources" {
  type        = string
  description = "SLUICE_SOURCES. With BY_CLASS custom sources that are not SourceLocation-<suffix>, as authentication=name,3001=name. Empty means none"
  default     = ""

  validation {
    condition     = can(regex("^(?:([a-z0-9_]+=[A-Za-z0-9_.:-]+(,[a-z0-9_]+=[A-Za-z0-9_.:-]+)*)?)$", var.sluice_sources))
    error_message = "SluiceSources must match ([a-z0-9_]+=[A-Za-z0-9_.:-]+(,[a-z0-9_]+=[A-Za-z0-9_.:-]+)*)?."
  }
}

variable "role_arn" {
  type        = string
  description = "ROLE_ARN. The role AmazonSecurityLake-Provider-<source>-<region>. Empty means that the function writes to the lake with its own role"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:iam::[0-9]{12}:role/.+)?)$", var.role_arn))
    error_message = "RoleArn must match (arn:[a-z-]+:iam::[0-9]{12}:role/.+)?."
  }
}

variable "provider_account_id" {
  type        = string
  description = "For several custom sources, in place of RoleArn. Account of the roles AmazonSecurityLake-Provider-<source>-<region>, of which SluiceRoleArns lists those that the function may assume. Empty means none"
  default     = ""

  validation {
    condition     = can(regex("^(?:([0-9]{12})?)$", var.provider_account_id))
    error_message = "ProviderAccountId must match ([0-9]{12})?."
  }
}

variable "sluice_roles" {
  type        = string
  description = "SLUICE_ROLES. Roles of custom sources that have other names, as logins=arn:aws:iam::111122223333:role/logins. Empty means none"
  default     = ""

  validation {
    condition     = can(regex("^(?:([A-Za-z0-9_.:-]+=arn:.+)?)$", var.sluice_roles))
    error_message = "SluiceRoles must match ([A-Za-z0-9_.:-]+=arn:.+)?."
  }
}

variable "sluice_role_arns" {
  type        = string
  description = "For several custom sources. The ARNs of all roles that the function may assume, one for each source, with commas between. Empty means RoleArn alone"
  default     = ""

  validation {
    condition     = alltrue([for item in split(",", var.sluice_role_arns) : can(regex("^(?:(arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+)?)$", item))])
    error_message = "SluiceRoleArns must have items between commas that match (arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+)?."
  }
}

variable "sluice_location_arns" {
  type        = string
  description = "With BY_CLASS and without roles. What the function may write to with its own, as arn:aws:s3:::<bucket>/ext/<source>/*, for each custom source, with commas between. Empty means the location of SourceLocation alone"
  default     = ""

  validation {
    condition     = alltrue([for item in split(",", var.sluice_location_arns) : can(regex("^(?:(arn:[a-z-]+:s3:::[^*?]+/ext/[^*?/]+/[*])?)$", item))])
    error_message = "SluiceLocationArns must have items between commas that match (arn:[a-z-]+:s3:::[^*?]+/ext/[^*?/]+/[*])?."
  }
}

variable "external_id" {
  type        = string
  description = "EXTERNAL_ID. The external ID given when the custom source was created"
  default     = ""
}

variable "raw_bucket_name" {
  type        = string
  description = "Name of the bucket for raw alerts, such as wazuh-aws-security-lake-raw-<account>"

  validation {
    condition     = can(regex("^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", var.raw_bucket_name))
    error_message = "RawBucketName must match [a-z0-9][a-z0-9.-]{1,61}[a-z0-9]."
  }
}

variable "raw_bucket_exists" {
  type        = string
  description = "Whether the bucket for raw alerts is there already. Then the stack does not create it, and hears of its objects from EventBridge, to which the bucket must send its notifications"
  default     = "false"

  validation {
    condition     = contains(["true", "false"], var.raw_bucket_exists)
    error_message = "RawBucketExists must be one of true, false."
  }
}

variable "s3_bucket_ocsf" {
  type        = string
  description = "S3_BUCKET_OCSF. Bucket that also gets the events as JSON lines. Empty means none"
  default     = ""

  validation {
    condition     = can(regex("^(?:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?)$", var.s3_bucket_ocsf))
    error_message = "S3BucketOcsf must match ([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?."
  }
}

variable "ocsf_location_arns" {
  type        = string
  description = "With BY_CLASS and S3BucketOcsf. What the function may write to there, as arn:aws:s3:::<bucket>/ext/<source>/*, for each custom source, with commas between. Empty means the location of SourceLocation alone"
  default     = ""

  validation {
    condition     = alltrue([for item in split(",", var.ocsf_location_arns) : can(regex("^(?:(arn:[a-z-]+:s3:::[^*?]+/ext/[^*?/]+/[*])?)$", item))])
    error_message = "OcsfLocationArns must have items between commas that match (arn:[a-z-]+:s3:::[^*?]+/ext/[^*?/]+/[*])?."
  }
}

variable "rejects_bucket" {
  type        = string
  description = "Bucket for lines that could not become events. Empty means the bucket for JSON, or without one the raw bucket"
  default     = ""

  validation {
    condition     = can(regex("^(?:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?)$", var.rejects_bucket))
    error_message = "RejectsBucket must match ([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?."
  }
}

variable "rejects_prefix" {
  type        = string
  description = "Folder of the rejects in their bucket"
  default     = "rejects"

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*)$", var.rejects_prefix))
    error_message = "RejectsPrefix must match [A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*."
  }
}

variable "sluice_mapping" {
  type        = string
  description = "SLUICE_MAPPING. A shipped name, a file or folder in the zip, or with SluiceMappingBucket the key of a file there, or of a folder without a slash at its end. Empty means the shipped mapping of OcsfClass"
  default     = ""

  validation {
    condition     = can(regex("^(?:([^/](.*[^/])?)?)$", var.sluice_mapping))
    error_message = "SluiceMapping must match ([^/](.*[^/])?)?."
  }
}

variable "sluice_mapping_bucket" {
  type        = string
  description = "Bucket that contains SluiceMapping, if it is in a bucket"
  default     = ""

  validation {
    condition     = can(regex("^(?:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?)$", var.sluice_mapping_bucket))
    error_message = "SluiceMappingBucket must match ([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?."
  }
}

variable "sluice_mapping_reload" {
  type        = number
  description = "SLUICE_MAPPING_RELOAD. Seconds between two looks at a mapping in a bucket. 0 looks at every invocation"
  default     = 60

  validation {
    condition     = var.sluice_mapping_reload >= 0
    error_message = "SluiceMappingReload must be at least 0."
  }

  validation {
    condition     = var.sluice_mapping_reload <= 86400
    error_message = "SluiceMappingReload must be at most 86400."
  }
}

variable "sluice_mapping_fallback" {
  type        = string
  description = "SLUICE_MAPPING_FALLBACK. A mapping of the zip, or a shipped one, to start with when that in the bucket has faults and no good one was kept. Empty means that the alerts wait"
  default     = ""

  validation {
    condition     = can(regex("^(?:([^/](.*[^/])?)?)$", var.sluice_mapping_fallback))
    error_message = "SluiceMappingFallback must match ([^/](.*[^/])?)?."
  }
}

variable "sluice_set_product_version" {
  type        = string
  description = "SLUICE_SET_PRODUCT_VERSION. The version of Wazuh that events name, such as 4.14.7. Empty means the mapping's own"
  default     = ""

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_.+-]{0,64})$", var.sluice_set_product_version))
    error_message = "SluiceSetProductVersion must match [A-Za-z0-9_.+-]{0,64}."
  }
}

variable "sluice_strict" {
  type        = string
  description = "SLUICE_STRICT. Whether any failed conversion rejects the alert"
  default     = "false"

  validation {
    condition     = contains(["true", "false"], var.sluice_strict)
    error_message = "SluiceStrict must be one of true, false."
  }
}

variable "sluice_event_days" {
  type        = string
  description = "SLUICE_EVENT_DAYS. First and last day of events, as 2016-01-31.. or, in days from today, -3652..1. Alerts with events of other days are rejects"
  default     = "-3652..1"

  validation {
    condition     = can(regex("^(?:([+-]?[0-9]{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2})?[.][.]([+-]?[0-9]{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2})?)$", var.sluice_event_days))
    error_message = "SluiceEventDays must match ([+-]?[0-9]{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2})?[.][.]([+-]?[0-9]{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2})?."
  }
}

variable "sluice_max_event_days" {
  type        = number
  description = "SLUICE_MAX_EVENT_DAYS. How many days the events of one object may be of. Alerts with events of further days are rejects. 0 is any number"
  default     = 400

  validation {
    condition     = var.sluice_max_event_days >= 0
    error_message = "SluiceMaxEventDays must be at least 0."
  }

  validation {
    condition     = var.sluice_max_event_days <= 100000
    error_message = "SluiceMaxEventDays must be at most 100000."
  }
}

variable "raw_kms_key_arn" {
  type        = string
  description = "Key to encrypt the raw bucket with. Empty means a key that S3 manages"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:kms:.+:key/.+)?)$", var.raw_kms_key_arn))
    error_message = "RawKmsKeyArn must match (arn:[a-z-]+:kms:.+:key/.+)?."
  }
}

variable "lake_kms_key_arn" {
  type        = string
  description = "Key of the lake bucket, if it has one and no role is assumed"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:kms:.+:key/.+)?)$", var.lake_kms_key_arn))
    error_message = "LakeKmsKeyArn must match (arn:[a-z-]+:kms:.+:key/.+)?."
  }
}

variable "ocsf_kms_key_arn" {
  type        = string
  description = "Key of S3BucketOcsf and RejectsBucket, if they have one"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:kms:.+:key/.+)?)$", var.ocsf_kms_key_arn))
    error_message = "OcsfKmsKeyArn must match (arn:[a-z-]+:kms:.+:key/.+)?."
  }
}

variable "mapping_kms_key_arn" {
  type        = string
  description = "Key of SluiceMappingBucket, if it has one"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:kms:.+:key/.+)?)$", var.mapping_kms_key_arn))
    error_message = "MappingKmsKeyArn must match (arn:[a-z-]+:kms:.+:key/.+)?."
  }
}

variable "sluice_sse" {
  type        = string
  description = "SLUICE_SSE. How the function asks S3 to encrypt what it writes: AES256, aws:kms, or aws:kms:KEY with a key that is also given above. Empty leaves it to the buckets"
  default     = ""

  validation {
    condition     = can(regex("^(?:(AES256|aws:kms(:.+)?)?)$", var.sluice_sse))
    error_message = "SluiceSse must match (AES256|aws:kms(:.+)?)?."
  }
}

variable "memory_size" {
  type        = number
  description = "Memory of the function in MB. Processor time grows with it"
  default     = 512

  validation {
    condition     = var.memory_size >= 512
    error_message = "MemorySize must be at least 512."
  }

  validation {
    condition     = var.memory_size <= 10240
    error_message = "MemorySize must be at most 10240."
  }
}

variable "timeout" {
  type        = number
  description = "Seconds that an invocation may take. The visibility timeout of the queue, six times as long, follows from it"
  default     = 300

  validation {
    condition     = contains([30, 60, 120, 300, 600, 900], var.timeout)
    error_message = "Timeout must be one of 30, 60, 120, 300, 600, 900."
  }
}

variable "batch_size" {
  type        = number
  description = "Objects that one invocation may get"
  default     = 5

  validation {
    condition     = var.batch_size >= 1
    error_message = "BatchSize must be at least 1."
  }

  validation {
    condition     = var.batch_size <= 10
    error_message = "BatchSize must be at most 10."
  }
}

variable "maximum_concurrency" {
  type        = number
  description = "Invocations that may run at once"
  default     = 10

  validation {
    condition     = var.maximum_concurrency >= 2
    error_message = "MaximumConcurrency must be at least 2."
  }

  validation {
    condition     = var.maximum_concurrency <= 1000
    error_message = "MaximumConcurrency must be at most 1000."
  }
}

variable "reserve_concurrency" {
  type        = string
  description = "Whether MaximumConcurrency is reserved for the function in the account. Then other functions cannot take it, and direct calls share it with the queue"
  default     = "false"

  validation {
    condition     = contains(["true", "false"], var.reserve_concurrency)
    error_message = "ReserveConcurrency must be one of true, false."
  }
}

variable "sluice_collect" {
  type        = number
  description = "SLUICE_COLLECT. Minutes of a window whose objects are converted together, into few large ones. 0 converts each object when it comes"
  default     = 0

  validation {
    condition     = contains([0, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440], var.sluice_collect)
    error_message = "SluiceCollect must be one of 0, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440."
  }
}

variable "raw_days" {
  type        = number
  description = "Days that objects of the raw bucket are kept, with the rejects and manifests in it. The default is a hundred years"
  default     = 36500

  validation {
    condition     = var.raw_days >= 1
    error_message = "RawDays must be at least 1."
  }

  validation {
    condition     = var.raw_days <= 36500
    error_message = "RawDays must be at most 36500."
  }
}

variable "rejects_days" {
  type        = number
  description = "Days that rejects and manifests are kept, if they are in the raw bucket. Without its manifest an object that is delivered again is written again. The default is a hundred years"
  default     = 36500

  validation {
    condition     = var.rejects_days >= 1
    error_message = "RejectsDays must be at least 1."
  }

  validation {
    condition     = var.rejects_days <= 36500
    error_message = "RejectsDays must be at most 36500."
  }
}

variable "tracing" {
  type        = string
  description = "Whether Lambda sends traces of invocations to X-Ray"
  default     = "false"

  validation {
    condition     = contains(["true", "false"], var.tracing)
    error_message = "Tracing must be one of true, false."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of the function's role, where the account requires one. Empty means none"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+)?)$", var.permissions_boundary_arn))
    error_message = "PermissionsBoundaryArn must match (arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+)?."
  }
}

variable "sluice_log_level" {
  type        = string
  description = "SLUICE_LOG_LEVEL"
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.sluice_log_level)
    error_message = "SluiceLogLevel must be one of debug, info, warn, error."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the log of the function is kept"
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653], var.log_retention_days)
    error_message = "LogRetentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653."
  }
}

variable "alarm_topic_arn" {
  type        = string
  description = "SNS topic for alarms. Without it an alarm changes its color and nobody hears of it"
  default     = ""

  validation {
    condition     = can(regex("^(?:(arn:[a-z-]+:sns:.+)?)$", var.alarm_topic_arn))
    error_message = "AlarmTopicArn must match (arn:[a-z-]+:sns:.+)?."
  }
}

variable "quiet_seconds" {
  type        = number
  description = "Seconds without a single alert after which QuietAlarm goes off. A multiple of 60"
  default     = 3600

  validation {
    condition     = var.quiet_seconds >= 60
    error_message = "QuietSeconds must be at least 60."
  }

  validation {
    condition     = var.quiet_seconds <= 86400
    error_message = "QuietSeconds must be at most 86400."
  }
}

variable "failed_objects" {
  type        = number
  description = "Failures of objects that are normal in five minutes. More, in two of three such periods, are an alarm"
  default     = 0

  validation {
    condition     = var.failed_objects >= 0
    error_message = "FailedObjects must be at least 0."
  }

  validation {
    condition     = var.failed_objects <= 1000000
    error_message = "FailedObjects must be at most 1000000."
  }
}

variable "rejected_lines" {
  type        = number
  description = "Rejected lines that are normal in five minutes"
  default     = 0

  validation {
    condition     = var.rejected_lines >= 0
    error_message = "RejectedLines must be at least 0."
  }

  validation {
    condition     = var.rejected_lines <= 1000000000
    error_message = "RejectedLines must be at most 1000000000."
  }
}

variable "oldest_message_seconds" {
  type        = number
  description = "Seconds that an object may wait in the queue before it is an alarm"
  default     = 3000

  validation {
    condition     = var.oldest_message_seconds >= 300
    error_message = "OldestMessageSeconds must be at least 300."
  }

  validation {
    condition     = var.oldest_message_seconds <= 1209600
    error_message = "OldestMessageSeconds must be at most 1209600."
  }
}

variable "collect_lag_seconds" {
  type        = number
  description = "Seconds that noted objects may wait after their window is over, with SluiceCollect"
  default     = 1800

  validation {
    condition     = var.collect_lag_seconds >= 600
    error_message = "CollectLagSeconds must be at least 600."
  }

  validation {
    condition     = var.collect_lag_seconds <= 86400
    error_message = "CollectLagSeconds must be at most 86400."
  }
}

locals {
  release = var.release != "" ? var.release : substr(sha256(jsonencode([var.code_bucket, var.code_key, var.code_version, var.architecture, var.alias, var.aws_bucket, var.lake_account_id, var.bucket_account_id, var.source_location, var.account_id, var.region, var.ocsf_class, var.sluice_sources, var.role_arn, var.provider_account_id, var.sluice_roles, var.sluice_role_arns, var.sluice_location_arns, var.external_id, var.raw_bucket_name, var.raw_bucket_exists, var.s3_bucket_ocsf, var.ocsf_location_arns, var.rejects_bucket, var.rejects_prefix, var.sluice_mapping, var.sluice_mapping_bucket, var.sluice_mapping_reload, var.sluice_mapping_fallback, var.sluice_set_product_version, var.sluice_strict, var.sluice_event_days, var.sluice_max_event_days, var.raw_kms_key_arn, var.lake_kms_key_arn, var.ocsf_kms_key_arn, var.mapping_kms_key_arn, var.sluice_sse, var.memory_size, var.timeout, var.batch_size, var.maximum_concurrency, var.reserve_concurrency, var.sluice_collect, var.raw_days, var.rejects_days, var.tracing, var.permissions_boundary_arn, var.sluice_log_level, var.log_retention_days, var.alarm_topic_arn, var.quiet_seconds, var.failed_objects, var.rejected_lines, var.oldest_message_seconds, var.collect_lag_seconds])), 0, 16)
}

resource "aws_cloudformation_stack" "sluice" {
  name          = var.stack_name
  template_body = file("${path.module}/../cloudformation.yaml")
  capabilities  = ["CAPABILITY_IAM"]
  tags          = var.tags

  parameters = {
    CodeBucket              = var.code_bucket
    CodeKey                 = var.code_key
    CodeVersion             = var.code_version
    Architecture            = var.architecture
    Alias                   = var.alias
    Release                 = local.release
    RollbackVersion         = var.rollback_version
    AwsBucket               = var.aws_bucket
    LakeAccountId           = var.lake_account_id
    BucketAccountId         = var.bucket_account_id
    SourceLocation          = var.source_location
    AccountId               = var.account_id
    Region                  = var.region
    OcsfClass               = var.ocsf_class
    SluiceSources           = var.sluice_sources
    RoleArn                 = var.role_arn
    ProviderAccountId       = var.provider_account_id
    SluiceRoles             = var.sluice_roles
    SluiceRoleArns          = var.sluice_role_arns
    SluiceLocationArns      = var.sluice_location_arns
    ExternalId              = var.external_id
    RawBucketName           = var.raw_bucket_name
    RawBucketExists         = var.raw_bucket_exists
    S3BucketOcsf            = var.s3_bucket_ocsf
    OcsfLocationArns        = var.ocsf_location_arns
    RejectsBucket           = var.rejects_bucket
    RejectsPrefix           = var.rejects_prefix
    SluiceMapping           = var.sluice_mapping
    SluiceMappingBucket     = var.sluice_mapping_bucket
    SluiceMappingReload     = var.sluice_mapping_reload
    SluiceMappingFallback   = var.sluice_mapping_fallback
    SluiceSetProductVersion = var.sluice_set_product_version
    SluiceStrict            = var.sluice_strict
    SluiceEventDays         = var.sluice_event_days
    SluiceMaxEventDays      = var.sluice_max_event_days
    RawKmsKeyArn            = var.raw_kms_key_arn
    LakeKmsKeyArn           = var.lake_kms_key_arn
    OcsfKmsKeyArn           = var.ocsf_kms_key_arn
    MappingKmsKeyArn        = var.mapping_kms_key_arn
    SluiceSse               = var.sluice_sse
    MemorySize              = var.memory_size
    Timeout                 = var.timeout
    BatchSize               = var.batch_size
    MaximumConcurrency      = var.maximum_concurrency
    ReserveConcurrency      = var.reserve_concurrency
    SluiceCollect           = var.sluice_collect
    RawDays                 = var.raw_days
    RejectsDays             = var.rejects_days
    Tracing                 = var.tracing
    PermissionsBoundaryArn  = var.permissions_boundary_arn
    SluiceLogLevel          = var.sluice_log_level
    LogRetentionDays        = var.log_retention_days
    AlarmTopicArn           = var.alarm_topic_arn
    QuietSeconds            = var.quiet_seconds
    FailedObjects           = var.failed_objects
    RejectedLines           = var.rejected_lines
    OldestMessageSeconds    = var.oldest_message_seconds
    CollectLagSeconds       = var.collect_lag_seconds
  }
}

output "raw_bucket_name" {
  description = "Bucket that Logstash writes to"
  value       = aws_cloudformation_stack.sluice.outputs["RawBucketName"]
}

output "raw_bucket_arn" {
  description = "For the policy of whoever writes raw alerts"
  value       = aws_cloudformation_stack.sluice.outputs["RawBucketArn"]
}

output "function_name" {
  description = "For a replay, and for an update of the code only"
  value       = aws_cloudformation_stack.sluice.outputs["FunctionName"]
}

output "live_function" {
  description = "What to call for a replay, the alias where there is one"
  value       = aws_cloudformation_stack.sluice.outputs["LiveFunction"]
}

output "live_version" {
  description = "Version of the last Release, for a later RollbackVersion"
  value       = aws_cloudformation_stack.sluice.outputs["LiveVersion"]
}

output "function_role_arn" {
  description = "The principal to trust in the lake's account, in key policies and in bucket policies"
  value       = aws_cloudformation_stack.sluice.outputs["FunctionRoleArn"]
}

output "queue_url" {
  description = "Objects that wait"
  value       = aws_cloudformation_stack.sluice.outputs["QueueUrl"]
}

output "queue_arn" {
  description = "Where a redrive of the dead letters goes to"
  value       = aws_cloudformation_stack.sluice.outputs["QueueArn"]
}

output "dead_letter_queue_arn" {
  description = "Where a redrive of the dead letters comes from"
  value       = aws_cloudformation_stack.sluice.outputs["DeadLetterQueueArn"]
}

output "dead_letter_queue_url" {
  description = "Objects that no retry helps, or that failed ten times"
  value       = aws_cloudformation_stack.sluice.outputs["DeadLetterQueueUrl"]
}

output "failed_calls_url" {
  description = "Direct calls that nobody waits for, and that failed"
  value       = aws_cloudformation_stack.sluice.outputs["FailedCallsUrl"]
}

output "log_group_name" {
  description = "Log of the function"
  value       = aws_cloudformation_stack.sluice.outputs["LogGroupName"]
}
