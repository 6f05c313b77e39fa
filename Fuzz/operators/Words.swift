import Kernels

/// Every operator, by domain and name.
let operators = referenceOperatorNames.sorted { $0.key < $1.key }.flatMap { domain, names in
    names.map { (domain: domain, name: $0) }
}

/// The attributes that operators read.
let attributeNames = """
    activation_alpha activation_beta activations aggregate_function align_corners allowzero alpha \
    antialias approximate auto_pad axes axis batch_dims beta bias block_size blocksize broadcast \
    cats_int64s cats_strings ceil_mode class_ids classes_strings classlabels_strings classlabels_ints \
    classlabels_int64s clip coefficients count_include_pad cubic_coeff_a default_float default_int64 \
    default_string default_tensor detect_negative detect_positive dilations direction end ends epsilon \
    equation exclude_outside exclusive extrapolation_value fmod gamma group hidden_size \
    imputed_value_floats imputed_value_int64s input_forget intercepts k keep_aspect_ratio_policy \
    keepdims kernel_params kernel_shape kernel_type lambd largest layout leaf_targetids leaf_weights \
    linear_before_reset max membership_values min mode momentum n_supports n_targets nearest_mode \
    nodes_falseleafs nodes_falsenodeids nodes_featureids nodes_hitrates nodes_missing_value_tracks_true \
    nodes_modes nodes_nodeids nodes_splits nodes_treeids nodes_trueleafs nodes_truenodeids nodes_values \
    noop_with_empty_axes norm num_groups num_outputs offset one_class output_height output_width \
    output_padding output_shape p padding_mode pads perm post_transform prob_a prob_b reduction \
    replaced_value_float replaced_value_int64 reverse rho sampling_ratio scale scales select_last_index \
    shape size spatial spatial_scale split start starts storage_order strides support_vectors tanh \
    target_ids target_nodeids target_treeids target_weights targets threshold to training_mode transA \
    transB tree_roots upper value value_float value_floats value_int value_ints value_string \
    vectors_per_class zeros class_nodeids class_treeids class_weights base_values keys_int64s \
    keys_strings keys_floats values_floats values_int64s values_strings k_value num_heads q_num_heads \
    kv_num_heads case_change_action center_point_box coordinate_transformation_mode delimiter dtype \
    ignore_index interleaved inverse is_case_sensitive is_causal left_window_size mark max_gram_length \
    max_skip_count maxsplit min_gram_length mincharnum ngram_counts ngram_indexes offset_group onesided \
    output_datatype pad_value pattern periodic pool_int64s pool_strings pooled_shape \
    qk_matmul_output_mode right_window_size rotary_embedding_dim sample_size seed separators \
    softcap softmax_precision sorted stopwords time_axis tokenexp update_rule weights batch_axis \
    activation high low mean new_axis keys_tensor values_tensor cats_tensor nodes_values_as_tensor \
    nodes_hitrates_as_tensor class_weights_as_tensor target_weights_as_tensor base_values_as_tensor
    """.split(separator: " ").map(String.init)

/// What their texts may say, and what they may not.
let words = """
    SAME_UPPER SAME_LOWER VALID NOTSET AVERAGE BRANCH_EQ BRANCH_GT BRANCH_GTE BRANCH_LEQ BRANCH_LT \
    BRANCH_NEQ BRANCH_MEMBER LEAF MAX MIN POLY LINEAR RBF SIGMOID SUM SOFTMAX SOFTMAX_ZERO LOGISTIC \
    PROBIT NONE L1 L2 add mul max min none affine align_corners asymmetric half_pixel \
    half_pixel_symmetric pytorch_half_pixel tf_crop_and_resize tf_half_pixel_for_nn border reflection \
    zeros ceil floor constant edge reflect wrap cubic linear nearest bilinear bicubic round_prefer_ceil \
    round_prefer_floor stretch not_larger not_smaller forward reverse bidirectional Sigmoid Tanh Relu \
    Elu HardSigmoid LeakyRelu ScaledTanh Softplus Softsign ThresholdedRelu Affine DCR CRD LEFT RIGHT \
    ij,jk->ik ii->i ...ij,...jk bij,bjk->bik i,j->ij ,-> ij->ji ...->... tanh a b 1 -1 1.5 NaN INF TF IDF \
    TFIDF LOWER UPPER linear circular gated delta gated_delta output_half_pixel avg sum silu [a-z]+ \
    (a|b)*\\b a{2,3}? \\d+ ( [^
    """.split(separator: " ").map(String.init)
